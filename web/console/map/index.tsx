import { query, read } from "@shared/api/request";
import { useLanguage } from "@shared/language";
import { chosen } from "@shared/language/language";
import { palette, useTheme } from "@shared/look";
import { Countdown, Empty, Loading, ProblemNote } from "@shared/parts";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Chart } from "../chart/Chart";
import list from "../list/list.module.css";
import { StationFilter } from "../list/StationFilter";
import district from "./baoan.json";
import styles from "./map.module.css";
import { AROUND } from "./names";
import { type Mark, markOf, type Place, type PlacesAnswer } from "./places";
import type { MapSearch } from "./search";
import { useMapWords } from "./words";

const MAPS = { district };
const STREETS = district.features.map(({ properties: { name, cp } }) => ({ name, value: cp }));

/** Names on the map, at their places; a finger goes through them. */
function names(data: { name: string; value: number[] }[], colour: string, edge: string, size: number) {
  return {
    type: "scatter",
    coordinateSystem: "geo",
    silent: true,
    z: 5,
    symbolSize: 0.01,
    label: {
      show: true,
      formatter: "{b}",
      color: colour,
      fontSize: size,
      offset: [0, -14],
      textBorderColor: edge,
      textBorderWidth: 3,
    },
    data,
  };
}

/** Where there are open cases; the same places stand in a list beside it. */
export function Screen() {
  const search = useSearch({ from: "/shell/map" });
  const navigate = useNavigate();
  const t = useMapWords();
  const places = useQuery({
    queryKey: ["map", search],
    queryFn: ({ signal }) => read<PlacesAnswer>(`/console/v1/map${query({ ...search })}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const set = (next: MapSearch) => void navigate({ to: "/map", search: next, replace: true });
  const enterprises = useMemo(
    () => (places.data?.features ?? []).filter((one) => one.properties.of === "enterprise"),
    [places.data],
  );
  return (
    <div className={list.page}>
      <header className={list.head}>
        <h1>{t("title")}</h1>
      </header>
      <form className={`tc-surface ${list.filters}`} onSubmit={(event) => event.preventDefault()}>
        <StationFilter
          label={t("station")}
          all={t("allStations")}
          chosen={search.station}
          choose={(station) => set({ ...(search.all && { all: true }), ...(station && { station }) })}
        />
        <label>
          <input
            type="checkbox"
            checked={search.all ?? false}
            onChange={({ target }) =>
              set({
                ...(search.station && { station: search.station }),
                ...(target.checked && { all: true }),
              })
            }
          />
          {t("all")}
        </label>
      </form>
      {places.error !== null && <ProblemNote problem={places.error} again={() => void places.refetch()} />}
      {places.data === undefined ? (
        places.error === null && <Loading lines={8} />
      ) : (
        <div className={styles.columns}>
          <figure className={`tc-surface ${styles.figure}`}>
            <Drawn
              features={places.data.features}
              open={(enterprise) => void navigate({ to: "/cases", search: { enterprise, open: "yes" } })}
            />
            <figcaption className={styles.caption}>
              <Legend all={search.all ?? false} />
              <span className="tc-quiet">{t("sketch")}</span>
            </figcaption>
          </figure>
          <section className={`tc-surface ${styles.list}`} aria-label={t("enterprises")}>
            {enterprises.length === 0 ? (
              <Empty title={t("none")}>{t("noneHint")}</Empty>
            ) : (
              enterprises.map(({ id, properties }) => <Line key={id} place={properties} />)
            )}
          </section>
        </div>
      )}
    </div>
  );
}

function Line({ place }: { place: Place }) {
  const t = useMapWords();
  return (
    <Link
      to="/cases"
      search={{ enterprise: place.code, open: "yes" }}
      className={styles.line}
      data-mark={markOf(place)}
      title={t("toCases")}
    >
      <b>{place.name ?? place.code}</b>
      <span>
        {t("open", { count: place.open })}
        {place.overdue > 0 && ` · ${t("overdue", { count: place.overdue })}`}
        {place.red > 0 && ` · ${t("red", { count: place.red })}`}
        {place.yellow > 0 && ` · ${t("yellow", { count: place.yellow })}`}
      </span>
      {place.due_at !== null && <Countdown due={place.due_at} />}
    </Link>
  );
}

/** What the signs mean: the same shapes and colours as on the map. */
function Legend({ all }: { all: boolean }) {
  const t = useMapWords();
  return (
    <ul className={styles.legend} aria-label={t("legend")}>
      <li data-mark="overdue">{t("markOverdue")}</li>
      <li data-mark="red">{t("markRed")}</li>
      <li data-mark="yellow">{t("markYellow")}</li>
      {all && <li data-mark="quiet">{t("markQuiet")}</li>}
      <li data-mark="station">{t("station")}</li>
    </ul>
  );
}

interface Drawing {
  features: PlacesAnswer["features"];
  open: (enterprise: string) => void;
}

function Drawn({ features, open }: Drawing) {
  const t = useMapWords();
  const { theme } = useTheme();
  const spoken = useLanguage();
  const enterprises = features.filter((one) => one.properties.of === "enterprise");
  const overdue = enterprises.filter((one) => one.properties.overdue > 0).length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme
  const option = useMemo(() => {
    const colours = palette();
    const colour: Record<Mark, string> = {
      overdue: colours.wrong,
      red: colours.levels.red.surface,
      yellow: colours.levels.yellow.surface,
      quiet: colours.quiet,
    };
    return {
      textStyle: { fontFamily: "inherit" },
      tooltip: { renderMode: "richText", formatter: "{b}" },
      geo: {
        map: "district",
        roam: true,
        aspectScale: 0.92,
        scaleLimit: { min: 1, max: 20 },
        layoutCenter: ["50%", "50%"],
        layoutSize: "98%",
        label: { show: false },
        itemStyle: { areaColor: colours.page, borderColor: colours.quiet, borderWidth: 0.8 },
        emphasis: { itemStyle: { areaColor: colours.raised }, label: { show: false } },
        select: { disabled: true },
      },
      series: [
        names(
          AROUND.map(({ name, at }) => ({ name: chosen(name, spoken), value: at })),
          colours.quiet,
          colours.surface,
          12,
        ),
        {
          type: "scatter",
          coordinateSystem: "geo",
          symbol: "diamond",
          symbolSize: 12,
          itemStyle: { color: colours.accent },
          data: features
            .filter((one) => one.properties.of === "station")
            .map((one) => ({
              name: one.properties.name ?? one.properties.code,
              value: one.geometry.coordinates,
            })),
        },
        {
          type: "scatter",
          coordinateSystem: "geo",
          // What is overdue is larger too, and square: colour alone says nothing to some.
          data: enterprises.map((one) => {
            const mark = markOf(one.properties);
            return {
              id: one.properties.code,
              name: one.properties.name ?? one.properties.code,
              value: one.geometry.coordinates,
              symbol: mark === "overdue" ? "rect" : mark === "yellow" ? "triangle" : "circle",
              symbolSize: mark === "quiet" ? 5 : mark === "overdue" ? 13 : 11,
              itemStyle: {
                color: colour[mark],
                borderColor: colours.text,
                borderWidth: mark === "quiet" ? 0 : 1,
              },
            };
          }),
        },
        // Above the marks, with an edge of the ground's colour: a name under a mark cannot be read.
        names(STREETS, colours.text, colours.page, 13),
      ],
    };
  }, [features, theme, spoken]);
  const choose = (name: string): void => {
    const found = enterprises.find((one) => (one.properties.name ?? one.properties.code) === name);
    if (found !== undefined) open(found.properties.code);
  };
  return (
    <Chart
      label={t("chart", { count: enterprises.length, overdue })}
      height="min(620px, 115vw)"
      option={option}
      maps={MAPS}
      chosen={choose}
    />
  );
}
