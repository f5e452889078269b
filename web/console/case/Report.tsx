import type { CaseAnswer } from "@shared/api/generated/dispatcher";
import { useLanguage } from "@shared/language";
import { Time } from "@shared/parts";
import { arrivalDoubtName, entryCheckName, outcomeName, roleName } from "@shared/words";
import { shortType } from "@shared/words/entries";
import { usePeople } from "../list/usePeople";
import styles from "./case.module.css";
import { doubtfulArrivals, latestReport } from "./entries";
import { useTimeline } from "./queries";
import { Section } from "./Section";
import { useCaseWords } from "./words";

/** What the enterprise or the officers reported last: what a reviewer decides on. */
export function Report({ found }: { found: CaseAnswer }) {
  const t = useCaseWords();
  const spoken = useLanguage();
  const nameOf = usePeople();
  const entries = useTimeline(found.case_id).data ?? [];
  const report = latestReport(entries);
  if (report === null) return null;
  const said = report.detail as Record<string, unknown>;
  const isOwn = shortType(report.type) === "case.self_reported";
  const parts: [string, unknown][] = isOwn
    ? [
        [t("cause"), said.cause],
        [t("measures"), said.measures],
      ]
    : [
        [t("findings"), said.findings],
        [t("measures"), said.measures],
      ];
  const matters = Array.isArray(said.matters) ? (said.matters as Record<string, unknown>[]) : [];
  return (
    <Section
      id="report"
      title={isOwn ? (said.interim === true ? t("interimReport") : t("selfReport")) : t("feedback")}
      aside={
        <span className="tc-quiet">
          {roleName(report.actor_role, spoken)}{" "}
          {isOwn ? (found.enterprise_name ?? report.actor_subject) : nameOf(report.actor_subject)} ·{" "}
          <Time at={report.at} />
        </span>
      }
    >
      <dl className={styles.report}>
        {parts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{String(value ?? "—")}</dd>
          </div>
        ))}
        {typeof said.outcome === "string" && (
          <div>
            <dt>{t("comesTo")}</dt>
            <dd>
              <b>{outcomeName(said.outcome, spoken)}</b>
              {[said.correct_by, said.observe_until, said.legal_basis, said.file_number]
                .filter((one) => typeof one === "string" && one !== "")
                .map((one) => (
                  <span key={String(one)}> · {String(one)}</span>
                ))}
            </dd>
          </div>
        )}
        {typeof said.finished_at === "string" && (
          <div>
            <dt>{t("finishedAt")}</dt>
            <dd>
              <Time at={said.finished_at} />
            </dd>
          </div>
        )}
        {typeof said.planned_end === "string" && (
          <div>
            <dt>{t("plannedEnd")}</dt>
            <dd>
              <Time at={said.planned_end} />
            </dd>
          </div>
        )}
        {!isOwn &&
          doubtfulArrivals(entries).map(({ officer, metres, entryCheck, doubts }) => (
            <div key={officer} className={styles.doubtful}>
              <dt>{t("arrivalToCheck")}</dt>
              <dd>
                {nameOf(officer)}：
                {[
                  metres === null ? "" : t("farOff", { metres: Math.round(metres) }),
                  entryCheckName(entryCheck, spoken),
                  ...doubts.map((doubt) => arrivalDoubtName(doubt, spoken)),
                ]
                  .filter(Boolean)
                  .join(spoken === "en" ? ", " : "，")}
              </dd>
            </div>
          ))}
        {matters.map((matter) => (
          <div key={String(matter.case_id)}>
            <dt>{t("otherMatter")}</dt>
            <dd>
              {outcomeName(String(matter.outcome), spoken)}：{String(matter.findings ?? "")}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
