interface PhrasesProps {
  label: string;
  phrases: string[];
  onTake: (phrase: string) => void;
}

/** Phrases to be taken with a thumb instead of typed. */
export function Phrases({ label, phrases, onTake }: PhrasesProps) {
  return (
    <ul className="field-phrases" aria-label={label}>
      {phrases.map((phrase) => (
        <li key={phrase}>
          <button type="button" onClick={() => onTake(phrase)}>
            {phrase}
          </button>
        </li>
      ))}
    </ul>
  );
}
