import { useAct } from "@shared/api/act";
import type { Page } from "@shared/api/console";
import type { Enterprise } from "@shared/api/generated/dispatcher";
import { query, read } from "@shared/api/request";
import { Loading, ProblemNote, Time, toast } from "@shared/parts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import styles from "./station.module.css";
import { useStationWords } from "./words";

const LISTED = 20;
const SHORTEST = 4;

/** The codes at the gates of a station's enterprises: which have one, and the forms that set or take it away. */
export function EntryCodes({ station }: { station: string }) {
  const t = useStationWords();
  const [search, setSearch] = useState("");
  const [has, setHas] = useState<"" | "true" | "false">("true");
  const found = useQuery({
    queryKey: ["enterprises", "entry-codes", station, search, has],
    queryFn: ({ signal }) =>
      read<Page<Enterprise>>(
        `/dispatch/v1/enterprises${query({ station, limit: LISTED, q: search.trim() || undefined, entry_code: has || undefined })}`,
        { signal },
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <section className={`tc-surface ${styles.part}`} data-part="entry-codes">
      <h2>{t("entryCodes")}</h2>
      <p className="tc-quiet">{t("entryCodesHint")}</p>
      <div className={styles.acts}>
        <label>
          {t("findEnterprise")}{" "}
          <input
            type="search"
            maxLength={64}
            value={search}
            onChange={({ target }) => {
              setSearch(target.value);
              if (target.value !== "") setHas("");
            }}
          />
        </label>
        <label>
          {t("which")}{" "}
          <select value={has} onChange={({ target }) => setHas(target.value as typeof has)}>
            <option value="">{t("allOfThem")}</option>
            <option value="true">{t("withCode")}</option>
            <option value="false">{t("withoutCode")}</option>
          </select>
        </label>
      </div>
      {found.error !== null && <ProblemNote problem={found.error} again={() => void found.refetch()} />}
      {found.isPending && <Loading lines={3} />}
      {found.data?.items.length === 0 && <p className="tc-quiet">{t("noEnterprise")}</p>}
      <ul className={styles.list}>
        {(found.data?.items ?? []).map((one) => (
          <Line key={one.code} enterprise={one} />
        ))}
      </ul>
      {found.data?.next != null && <p className="tc-quiet">{t("moreEnterprises", { count: LISTED })}</p>}
    </section>
  );
}

function Line({ enterprise }: { enterprise: Enterprise }) {
  const t = useStationWords();
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [code, setCode] = useState("");
  const [isShort, setShort] = useState(false);
  const name = enterprise.name ?? enterprise.code;
  const writing = useAct({
    run: (entry_code: string | null, headers) =>
      read<Enterprise>(`/dispatch/v1/enterprises/${encodeURIComponent(enterprise.code)}/entry-code`, {
        method: entry_code === null ? "DELETE" : "PUT",
        headers: { ...headers, "Content-Type": "application/json" },
        ...(entry_code !== null && { body: JSON.stringify({ entry_code }) }),
      }),
    changes: [["enterprises"]],
    done: (_, entry_code) => {
      setOpen(false);
      setCode("");
      toast.done(t(entry_code === null ? "codeRemoved" : "codeSet", { name }));
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const short = [...code.trim()].length < SHORTEST;
    setShort(short);
    if (!short) writing.mutate(code.trim());
  };
  return (
    <li>
      <span>
        <b>{name}</b> <small className="tc-quiet">{enterprise.code}</small>
        <small>
          {enterprise.entry_code_set_at === null ? (
            t("noCode")
          ) : (
            <>
              {t("codeSince")} <Time at={enterprise.entry_code_set_at} year />
            </>
          )}
        </small>
        {isOpen && (
          <form className={styles.form} onSubmit={submit} noValidate>
            <label htmlFor={id}>{t("entryCode")}</label>
            <input
              id={id}
              autoComplete="off"
              maxLength={64}
              value={code}
              aria-invalid={isShort || undefined}
              aria-describedby={`${id}-note`}
              onChange={({ target }) => {
                setCode(target.value);
                setShort(false);
              }}
            />
            <p
              id={`${id}-note`}
              className={isShort ? "tc-fault" : "tc-quiet"}
              role={isShort ? "alert" : undefined}
            >
              {t(isShort ? "codeShort" : "codeHint")}
            </p>
            <span className={styles.acts}>
              <button type="submit" className="tc-button" disabled={writing.isPending}>
                {t("setCode")}
              </button>
              <button type="button" className="tc-button tc-button-plain" onClick={() => setOpen(false)}>
                {t("notNow")}
              </button>
            </span>
          </form>
        )}
        {writing.error !== null && <ProblemNote problem={writing.error} />}
      </span>
      {!isOpen && (
        <span className={styles.acts}>
          <button
            type="button"
            className="tc-link"
            aria-label={t(enterprise.entry_code_set_at === null ? "setCodeOf" : "changeCodeOf", { name })}
            onClick={() => setOpen(true)}
          >
            {t(enterprise.entry_code_set_at === null ? "setCode" : "changeCode")}
          </button>
          {enterprise.entry_code_set_at !== null && (
            <button
              type="button"
              className="tc-link"
              aria-label={t("removeCodeOf", { name })}
              disabled={writing.isPending}
              onClick={() => writing.mutate(null)}
            >
              {t("removeCode")}
            </button>
          )}
        </span>
      )}
    </li>
  );
}
