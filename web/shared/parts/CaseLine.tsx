import type { CaseRow } from "@shared/api/console";
import { speak, useLanguage } from "@shared/language";
import { kindName } from "@shared/words";
import type { ReactNode } from "react";
import { Countdown } from "./Countdown";
import { LevelTag } from "./LevelTag";
import { Person } from "./Person";
import { StateTag } from "./StateTag";
import { usePartWords } from "./words";

/** A case in two lines: what, where, whose, by when. `title` is its name as a link, where it leads somewhere. */
export function CaseLine({ row, title }: { row: CaseRow; title?: ReactNode }) {
  const spoken = useLanguage();
  const say = speak(spoken);
  const t = usePartWords();
  const outlet = row.outlet?.name ?? row.outlet?.code ?? row.outlet?.mn;
  return (
    <article className="tc-case">
      <LevelTag level={row.level} />
      <div className="tc-case-what">
        <div className="tc-case-name">{title ?? row.enterprise_name ?? t("unnamed")}</div>
        <div className="tc-quiet tc-case-more">
          <span>{kindName(row.kind, spoken)}</span>
          {row.category && <span>{say(row.category)}</span>}
          {outlet && <span>{outlet}</span>}
          {row.pollutant && <span>{row.pollutant.name ?? row.pollutant.code}</span>}
          {row.station_name && <span>{row.station_name}</span>}
          {row.team.map((member) => (
            <Person key={member.officer} name={member.name} code={member.officer} />
          ))}
        </div>
      </div>
      <div className="tc-case-when">
        <Countdown due={row.due_at} provisional={row.provisional} stopped={row.closed_at !== null} />
        <StateTag state={row.state} kind={row.kind} overdue={row.overdue} />
      </div>
    </article>
  );
}
