import type { KnownAssignment } from "../device/known";
import { useVisitWords } from "./words";

/** Whom to phone there. */
export function Contact({ contact }: { contact: KnownAssignment["contact"] }) {
  const t = useVisitWords();
  return (
    <section className="field-panel">
      <h2>{t("contact")}</h2>
      {!contact && <p className="field-quiet">{t("noContact")}</p>}
      {contact && (
        <p>
          {contact.name} {contact.role && <span className="field-quiet">{contact.role}</span>}
        </p>
      )}
      {contact?.phone && (
        <a className="field-wide-link" href={`tel:${contact.phone.replace(/[^+\d]/g, "")}`}>
          {t("call", { phone: contact.phone })}
        </a>
      )}
      {contact && !contact.phone && <p className="field-quiet">{t("noPhone")}</p>}
    </section>
  );
}
