import { type FormEvent, useState } from "react";
import { useSignInWords } from "./words";

/** Signing in with a token that somebody issued by hand: where development tokens are in force on another machine. */
export function Token({ enter }: { enter: (token: string) => void }) {
  const t = useSignInWords();
  const [token, setToken] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter(token.trim());
  };
  return (
    <form onSubmit={submit} className="sign-in-token">
      <label htmlFor="token">{t("token")}</label>
      <p className="tc-quiet">
        {t("tokenHint")} <code>tricolor token --role section</code>
      </p>
      <textarea
        id="token"
        rows={4}
        required
        spellCheck={false}
        autoComplete="off"
        value={token}
        onChange={(event) => setToken(event.target.value)}
      />
      <button type="submit" className="tc-button">
        {t("title")}
      </button>
    </form>
  );
}
