export { chosen, type Language, language, setLanguage, speak, useLanguage } from "./language";
export { words } from "./words";
