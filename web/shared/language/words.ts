import i18next from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

type Texts = Record<string, string>;
/** Chinese comes first and says which texts there are: English has the same, and two forms where it counts. */
type InEnglish<Zh extends Texts> = { [Key in keyof Zh]: string } & {
  [Key in `${keyof Zh & string}_one`]?: string;
};

/**
 * The texts of one screen, under a namespace of its own: call it once beside the screen, and the hook in it.
 *
 *     export const useBoardWords = words("board", { zh: { title: "值班看板" }, en: { title: "Board" } });
 *     const t = useBoardWords(); t("title")
 */
export function words<Zh extends Texts>(namespace: string, texts: { zh: Zh; en: InEnglish<Zh> }) {
  i18next.addResourceBundle("zh-CN", namespace, texts.zh);
  i18next.addResourceBundle("en", namespace, texts.en);
  // biome-ignore lint/correctness/noComponentHookFactories: called once beside a screen, never while it is drawn
  return function useWords() {
    // Which keys there are is known from `texts`: the library knows of no namespace.
    const t: (key: string, values: Record<string, unknown>) => unknown = useTranslation(namespace).t;
    return useCallback(
      (key: keyof Zh & string, values: Record<string, unknown> = {}): string => String(t(key, values)),
      [t],
    );
  };
}
