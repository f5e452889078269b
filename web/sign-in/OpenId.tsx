import type { SignInAnswer } from "@shared/api/console";
import { ProblemNote } from "@shared/parts";
import { useEffect, useRef, useState } from "react";
import { comeBack, goThere } from "./openid";
import { comesBack, own, wanted } from "./way";
import { useSignInWords } from "./words";

interface Provider {
  way: Extract<SignInAnswer, { mode: "oidc" }>;
  enter: (token: string, to: string | undefined) => void;
}

/** Signing in at the office's identity provider. */
export function OpenId({ way, enter }: Provider) {
  const t = useSignInWords();
  const [problem, setProblem] = useState<unknown>();
  const back = comesBack();
  const begun = useRef(false);
  useEffect(() => {
    // The provider's code is good for once: not for the second time that an effect runs in development.
    if (!back || begun.current) return;
    begun.current = true;
    comeBack(way).then(({ token, to }) => enter(token, own(to)), setProblem);
  }, [back, way, enter]);
  if (back && problem === undefined) return <p role="status">{t("going")}</p>;
  return (
    <>
      <p className="tc-quiet">{t("oidcHint")}</p>
      <ProblemNote problem={problem} />
      <button
        type="button"
        className="tc-button"
        onClick={() => void goThere(way, wanted()).catch(setProblem)}
      >
        {t("oidc")}
      </button>
    </>
  );
}
