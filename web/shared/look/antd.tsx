import { useLanguage } from "@shared/language";
import { theme as antd, ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import type { ReactNode } from "react";
import { dark, light } from "./palette";
import { useTheme } from "./theme";

/** Ant Design in our colours, light or dark, and in the language spoken. */
export function AntLook({ children }: { children: ReactNode }) {
  const worn = useTheme().theme;
  const spoken = useLanguage();
  const colours = worn === "dark" ? dark : light;
  return (
    <ConfigProvider
      locale={spoken === "en" ? en : zh}
      theme={{
        algorithm: worn === "dark" ? antd.darkAlgorithm : antd.defaultAlgorithm,
        hashed: false,
        cssVar: { key: `tc-${worn}` },
        token: {
          colorPrimary: colours.accent,
          colorError: colours.wrong,
          colorWarning: colours.warning,
          colorSuccess: colours.good,
          colorLink: colours.accent,
          colorText: colours.text,
          colorTextSecondary: colours.quiet,
          colorTextDescription: colours.quiet,
          colorTextPlaceholder: colours.quiet,
          colorBgBase: colours.surface,
          colorBgLayout: colours.page,
          colorBgContainer: colours.surface,
          colorBgElevated: colours.raised,
          colorBorder: colours.line,
          colorTextLightSolid: colours.onAccent,
          borderRadius: 4,
          fontFamily: "var(--tc-font)",
          motion: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
        },
      }}
    >
      {children}
    </ConfigProvider>
  );
}
