import type { Page } from "@shared/api/console";
import * as scope from "@shared/api/generated/scope";
import { allOf } from "@shared/api/pages";
import { query, read } from "@shared/api/request";
import { speak, useLanguage } from "@shared/language";
import { Empty, instantText, LevelTag, Loading, ProblemNote } from "@shared/parts";
import { useMay } from "@shared/session/may";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import list from "../list/list.module.css";
import { isShipped } from "../list/shipped";
import { usePeople } from "../list/usePeople";
import { type Book, found, type Rule, type Version } from "./book";
import { Candidate } from "./Candidate";
import { Differences } from "./Differences";
import styles from "./rules.module.css";
import { sourceText } from "./sources";
import { useRulesWords } from "./words";

/** The rule book: every rule with its condition and source, its versions, and the way to change it. */
export function Screen() {
  const search = useSearch({ from: "/shell/rules" });
  const navigate = useNavigate();
  const t = useRulesWords();
  const spoken = useLanguage();
  const mayPropose = useMay(scope.publishRuleBook);
  const book = useQuery({
    queryKey: ["rules", search.version],
    queryFn: ({ signal }) =>
      read<Book>(`/ingest/v1/rule-book${query({ version: search.version })}`, { signal }),
  });
  const versions = useVersions();
  if (book.error !== null) return <ProblemNote problem={book.error} again={() => void book.refetch()} />;
  if (book.data === undefined) return <Loading lines={10} />;
  const rules = found(book.data.rules, search.q);
  const upgrades = found(book.data.upgrades ?? [], search.q);
  const written = versions.data?.find((one) => one.version === book.data.version)?.body;
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>
          {t("title")}
          <small>
            {t("version", {
              version: book.data.version,
              time: instantText(book.data.effective_from, spoken, true),
            })}
          </small>
        </h1>
      </header>
      <div className={`tc-surface ${list.filters}`}>
        <input
          type="search"
          aria-label={t("search")}
          placeholder={t("search")}
          value={search.q ?? ""}
          onChange={({ target }) =>
            void navigate({
              to: "/rules",
              search: {
                ...(search.version !== undefined && { version: search.version }),
                ...(target.value !== "" && { q: target.value }),
              },
              replace: true,
            })
          }
        />
      </div>
      {rules.length + upgrades.length === 0 ? <Empty title={t("none")} /> : <Rules rules={rules} />}
      {upgrades.length > 0 && (
        <>
          <h2>{t("upgrades")}</h2>
          <Rules rules={upgrades} />
        </>
      )}
      <Versions />
      <Candidate mayPropose={mayPropose} written={written} />
    </div>
  );
}

function Rules({ rules }: { rules: Rule[] }) {
  const t = useRulesWords();
  const spoken = useLanguage();
  const say = speak(spoken);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
    <section className={`tc-surface ${styles.scroll}`} tabIndex={0} aria-label={t("title")}>
      <table className={`${styles.table} ${styles.book}`}>
        <thead>
          <tr>
            <th scope="col">{t("level")}</th>
            <th scope="col">{t("rule")}</th>
            <th scope="col">{t("condition")}</th>
            <th scope="col">{t("source")}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => {
            const level = rule.level ?? rule.to;
            return (
              <tr key={rule.code}>
                <td>{level !== undefined && <LevelTag level={level} />}</td>
                <th scope="row">
                  {say(rule.name)}
                  <div className="tc-quiet">{rule.code}</div>
                </th>
                <td>
                  <code className={styles.when}>{rule.when}</code>
                </td>
                <td>
                  {t(rule.stated ? "stated" : "inferred")}
                  <div className="tc-quiet">{sourceText(rule.source, spoken)}</div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function useVersions() {
  return useQuery({
    queryKey: ["rules", "versions"],
    queryFn: ({ signal }) =>
      allOf((cursor) => read<Page<Version>>(`/ingest/v1/rule-book/versions${query(cursor)}`, { signal })),
  });
}

function Versions() {
  const t = useRulesWords();
  const spoken = useLanguage();
  const versions = useVersions();
  const nameOf = usePeople();
  return (
    <section className={`tc-surface ${styles.part}`}>
      <h2>{t("versions")}</h2>
      {versions.error !== null && <ProblemNote problem={versions.error} />}
      {versions.data?.length === 0 && <p className="tc-quiet">{t("noVersions")}</p>}
      <ul>
        {(versions.data ?? []).map((one) => (
          <li key={one.version}>
            <Link to="/rules" search={{ version: one.version }}>
              {one.version}
            </Link>{" "}
            · {instantText(one.effective_from, spoken, true)} ·{" "}
            {isShipped(one.published_by) ? (
              t("shipped")
            ) : (
              <>
                {t("byWhom", {
                  by: nameOf(one.published_by),
                  confirmed: one.confirmed_by === null ? t("nobody") : nameOf(one.confirmed_by),
                })}
                <div className="tc-quiet">{one.reason}</div>
                <Differences changes={one.changes} />
              </>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
