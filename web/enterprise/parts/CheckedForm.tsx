import { type FormHTMLAttributes, useState } from "react";
import { useEnterpriseWords } from "./words";

interface CheckedFormProps extends Omit<FormHTMLAttributes<HTMLFormElement>, "onSubmit" | "noValidate"> {
  /** Called once nothing is missing and nothing is wrong. */
  send: () => void;
  sending: boolean;
}

type Written = HTMLInputElement | HTMLTextAreaElement;

/**
 * A form that says itself what is missing, in the language of the page, where the browser's own bubble speaks the
 * browser's; the first such field is brought into view. What is wrong with a time is said beside it.
 */
export function CheckedForm({ send, sending, children, ...form }: CheckedFormProps) {
  const t = useEnterpriseWords();
  const [missing, setMissing] = useState<string[]>([]);
  const check = (written: readonly Written[]): void => {
    const lacking = written.filter(isMissing);
    const first = lacking[0] ?? written.find((one) => !one.validity.valid);
    setMissing(lacking.map(nameOf));
    if (first === undefined) send();
    else first.focus();
  };
  return (
    <form
      {...form}
      className="tc-surface ent-form"
      noValidate
      onInput={() => setMissing([])}
      onSubmit={(event) => {
        event.preventDefault();
        check([...event.currentTarget.querySelectorAll<Written>("input:not([type='file']), textarea")]);
      }}
    >
      {children}
      {missing.length > 0 && (
        <p className="tc-fault" role="alert">
          {t("missing", { fields: missing.join("、") })}
        </p>
      )}
      <button type="submit" className="tc-button" disabled={sending}>
        {t("submit")}
      </button>
    </form>
  );
}

function isMissing(one: Written): boolean {
  return one.required && one.value.trim() === "";
}

/** What the label before a field says. */
function nameOf(one: Written): string {
  return one.labels?.[0]?.firstChild?.textContent?.trim() ?? "";
}
