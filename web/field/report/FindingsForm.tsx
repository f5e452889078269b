import { serverNow } from "@shared/clock";
import { useLanguage } from "@shared/language";
import { outcomeName } from "@shared/words";
import { Choices } from "../parts/Choices";
import { shanghaiDay } from "../parts/device_time";
import { Phrases } from "../parts/Phrases";
import { DayField, Fault, LineField, TextField } from "../parts/TextField";
import { withPhrase } from "./draft";
import {
  addDays,
  type Carries,
  type Fault as FaultOf,
  type Findings,
  isDate,
  LATEST_DAYS,
  longestOf,
  outcomesFor,
  ruleOf,
} from "./outcomes";
import type { Phrases as PhrasesOf } from "./phrases";
import { useReportWords } from "./words";

interface FindingsFormProps {
  kind: string;
  report: Findings;
  phrases: PhrasesOf;
  faults: FaultOf[];
  onChange: (part: Partial<Findings>) => void;
}

/** What was found, what was done, what it comes to, and what that asks for. */
export function FindingsForm({ kind, report, phrases, faults, onChange }: FindingsFormProps) {
  const t = useReportWords();
  const spoken = useLanguage();
  const today = shanghaiDay(serverNow());
  const rule = ruleOf(report.outcome);
  const asked = [rule?.needs, rule?.takes].filter((name) => name !== undefined);
  const faultFor = (...names: FaultOf[]) => {
    const found = names.filter((name) => name !== "too_long").find((name) => faults.includes(name));
    return found && t(`fault_${found}`);
  };
  const carry = (name: Carries, value: string) => onChange({ carried: { ...report.carried, [name]: value } });
  return (
    <>
      <TextField
        label={t("findings")}
        placeholder={t("findingsHint")}
        value={report.findings}
        onChange={(findings) => onChange({ findings })}
        fault={faultFor("findings")}
      />
      <Phrases
        label={`${t("phrases")}：${t("findings")}`}
        phrases={phrases.findings}
        onTake={(phrase) => onChange({ findings: withPhrase(report.findings, phrase) })}
      />
      <TextField
        label={t("measures")}
        placeholder={t("measuresHint")}
        value={report.measures}
        onChange={(measures) => onChange({ measures })}
        fault={faultFor("measures")}
      />
      <Phrases
        label={`${t("phrases")}：${t("measures")}`}
        phrases={phrases.measures}
        onTake={(phrase) => onChange({ measures: withPhrase(report.measures, phrase) })}
      />
      <Choices
        legend={t("outcome")}
        value={report.outcome}
        onChange={(outcome) => onChange({ outcome })}
        options={outcomesFor(kind).map(({ code }) => ({ value: code, label: outcomeName(code, spoken) }))}
      />
      {faultFor("outcome") && <Fault>{faultFor("outcome") ?? ""}</Fault>}
      {asked.map((name) => (
        <div key={name}>
          {isDate(name) ? (
            <DayField
              label={t(name)}
              value={report.carried[name] ?? ""}
              onChange={(value) => carry(name, value)}
              fault={faultFor(name, `${name}_range`)}
              min={today}
              max={addDays(today, LATEST_DAYS)}
            />
          ) : (
            <LineField
              label={t(name)}
              value={report.carried[name] ?? ""}
              onChange={(value) => carry(name, value)}
              fault={faultFor(name)}
              longest={longestOf(name)}
            />
          )}
          {isDate(name) && <small className="field-quiet">{t("follow")}</small>}
        </div>
      ))}
    </>
  );
}
