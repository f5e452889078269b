"""Bringing the codes that are stored already into the form in which they are looked up (`shared.contract.codes`).

For migrations. What it makes of a schema is part of revisions that were released: it is never edited.
"""

_FULL = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000abcdefghijklmnopqrstuvwxyz"
_HALF = "".join(map(chr, range(0x21, 0x7F))).upper() + " ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BLANKS = " \t\r\n\u00a0\u200b\ufeff"
_APOSTROPHES = "'\u2018\u2019"


def normalise(schema: str, **columns: str) -> str:
    """SQL that normalises the codes in every column `enterprise_code` of the schema's tables, and in `columns`.

    These name further columns as `table__column`, with the condition on the rows, or "true". A row whose normalised
    code another one has already stays as it is.
    """
    further = "".join(
        f" union all select '{table}', '{column}', {_quoted(condition)}"
        for name, condition in columns.items()
        for table, column in [name.split("__")]
    )
    return f"""
    do $normalise$
    declare
        place record;
        stored record;
        normal text := {_quoted(_normal("%1$I"))};
    begin
        for place in
            select c.relname as of_table, a.attname as of_column, 'true' as condition
              from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
             where n.nspname = '{schema}' and a.attname = 'enterprise_code' and not a.attisdropped
               and c.relkind in ('r', 'p') and not c.relispartition{further}
        loop
            for stored in execute format(
                'select tableoid as part, ctid as place from {schema}.%2$I where %1$I ~ ''[^0-9A-Z]'' and (%3$s)',
                place.of_column, place.of_table, place.condition)
            loop
                begin
                    execute format('update {schema}.%2$I set %1$I = ' || normal
                                   || ' where tableoid = $1 and ctid = $2 and %1$I <> ' || normal,
                                   place.of_column, place.of_table) using stored.part, stored.place;
                exception when unique_violation then null;
                end;
            end loop;
        end loop;
    end
    $normalise$
    """


def _normal(column: str) -> str:
    half = f"btrim(translate({column}, {_quoted(_FULL)}, {_quoted(_HALF)}), {_quoted(_BLANKS)})"
    bare = f"ltrim({half}, {_quoted(_APOSTROPHES)})"
    return f"regexp_replace({bare}, '^=\"(.*)\"$', '\\1')".replace("%", "%%").replace("%%1$I", "%1$I")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
