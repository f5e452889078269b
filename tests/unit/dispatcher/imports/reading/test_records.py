"""Rows become records or errors, each on its own; what a record refers to, repeats or takes is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.imports.reading.changes import RecordChange, StoredRecords, changes, contradictions, digest
from services.dispatcher.imports.reading.columns import KindName
from services.dispatcher.imports.reading.kinds import KINDS
from services.dispatcher.imports.reading.records import Key, Reading, RowError, read_rows
from services.dispatcher.imports.reading.report import SHOWN, judge
from services.dispatcher.imports.reading.sheets import Row, Sheet, read
from services.dispatcher.imports.reading.templates import Format, template

NOTHING = StoredRecords({}, {"stations": frozenset(), "enterprises": frozenset()}, {"mn": {}})
STATIONS = StoredRecords({}, {"stations": frozenset({"xinan", "shajing"})}, {})


def reading(kind: KindName, text: str) -> Reading:
    return read_rows(KINDS[kind], read(text.encode()))


def fields(kind: KindName, text: str) -> dict[str, Any]:
    """Of the only row, which is well."""
    read_ = reading(kind, text)
    assert read_.errors == ()
    (draft,) = read_.drafts
    return draft.fields


def errors(kind: KindName, text: str) -> list[tuple[int, str | None, str | None]]:
    found = reading(kind, text).errors
    assert all(error.zh and error.en for error in found)
    return [(error.row, error.column, error.value) for error in found]


def test_chinese_and_english_headings_mean_the_same() -> None:
    chinese = fields(
        "stations", "编码,名称,辖区,街道,网格,经度,纬度\nxinan,新安所,440306,新安；西乡,G1、G2,113.8,22.5\n"
    )
    english = fields(
        "stations",
        "latitude,CODE*, Name ,district,streets,grid_cells,longitude\n22.5,xinan,新安所,440306,新安;西乡,G1;G2,113.8\n",
    )
    assert chinese == english
    assert chinese == {
        "code": "xinan",
        "name": "新安所",
        "district": "440306",
        "streets": ["新安", "西乡"],
        "grid_cells": ["G1", "G2"],
        "longitude": 113.8,
        "latitude": 22.5,
    }


def test_a_blank_cell_is_the_default_of_the_record() -> None:
    said = fields("officers", "编码,姓名,执法所,持证,在岗,专长\nzhang,张伟,xinan,,否,\n")
    assert said == {
        "code": "zhang",
        "name": "张伟",
        "station": "xinan",
        "certified": True,
        "certificate": None,
        "on_duty": False,
        "skills": [],
        "phone": None,
        "channels": [],
    }


def test_chinese_words_become_codes_and_other_skills_are_kept() -> None:
    assert fields("officers", "编码,姓名,执法所,专长\nzhang,张伟,xinan,废气;VOCs;监测设备;无人机\n")["skills"] == [
        "gas",
        "voc",
        "monitoring_equipment",
        "无人机",
    ]
    assert fields("enterprises", "编码,名称,分类\n1,某厂,重点监管对象；VOCs 分级A;voc_b\n")["classification"] == [
        "key_unit",
        "voc_a",
        "voc_b",
    ]
    assert fields("outlets", "企业编码,编号,名称,类型\n1,DA001,锅炉,废气\n")["medium"] == "gas"


@pytest.mark.parametrize(
    ("kind", "text", "at"),
    [
        ("stations", "编码,名称,辖区,电话\n", [(1, "电话", "电话")]),
        ("stations", "编码,名称\n", [(1, "辖区", "辖区")]),
        ("stations", "编码,名称,辖区,code\n", [(1, "code", "code")]),
        ("stations", "编码,名称,辖区,经度\n", [(1, "纬度", "纬度")]),
        ("stations", "编码,名称,,辖区\n", [(1, "", "")]),
        ("stations", "编码,名称,辖区\nxinan,,440306\n", [(2, "名称", "")]),
        ("stations", "编码,名称,辖区\nxinan,新安所,440306,x\n", [(2, None, None)]),
        ("stations", f"编码,名称,辖区\n\nxinan,{'新' * 257},440306\n", [(3, "名称", "新" * 100)]),
        ("stations", "编码,名称,辖区,经度,纬度\nxinan,新安所,440306,181,91\n", [(2, "经度", "181"), (2, "纬度", "91")]),
        ("stations", "编码,名称,辖区,经度,纬度\nxinan,新安所,440306,东,nan\n", [(2, "经度", "东"), (2, "纬度", "nan")]),
        ("stations", "编码,名称,辖区,经度,纬度\nxinan,新安所,440306,113.8,\n", [(2, None, None)]),
        ("stations", "编码,名称,辖区\nxinan,甲,1\nfuyong,乙,1\nxinan,丙,1\n", [(4, "编码", "xinan")]),
        ("stations", "编码,名称,辖区\nxi\x07nan,甲,1\n", [(2, "编码", "xi�nan")]),
        ("stations", "编码,名称,辖区\nxi/nan,甲,1\n", [(2, "编码", "xi/nan")]),
        ("officers", "编码,姓名,执法所,持证\nzhang,张伟,xinan,也许\n", [(2, "持证", "也许")]),
        ("enterprises", "编码,名称,分类\n1,某厂,重点;正面清单\n", [(2, "分类", "重点;正面清单")]),
        ("outlets", "企业编码,编号,名称,类型\n1,DA001,锅炉,空气\n", [(2, "类型", "空气")]),
        (
            "outlets",
            "企业编码,编号,名称,类型,MN\n1,DA001,甲,废气,M1\n2,DA001,乙,废气,M1\n1,DA001,丙,废气,\n",
            [(3, "MN", "M1"), (4, "编号", "DA001")],
        ),
    ],
)
def test_an_error_names_row_column_and_value(
    kind: KindName, text: str, at: list[tuple[int, str | None, str | None]]
) -> None:
    assert errors(kind, text) == at


def test_errors_are_told_in_both_languages() -> None:
    (error,) = reading("stations", "编码,名称,辖区,经度,纬度\nxinan,新安所,440306,181,22\n").errors
    assert (error.zh, error.en) == ("不得大于 180.0", "must be 180.0 or less")


def test_no_row_is_read_under_headings_that_do_not_fit() -> None:
    read_ = reading("stations", "编码,名称\nxinan,新安所\nxinan,新安所\n")
    assert (read_.rows, read_.drafts, len(read_.errors)) == (2, (), 1)


def test_what_is_not_registered_is_named() -> None:
    read_ = reading("officers", "编码,姓名,执法所\na,甲,xinan\nb,乙,nowhere\n")
    (error,) = contradictions(read_, STATIONS)
    assert (error.row, error.column, error.value) == (3, "执法所", "nowhere")
    assert contradictions(reading("enterprises", "编码,名称,执法所\n1,某厂,\n"), STATIONS) == []


MNS = "企业编码,编号,名称,类型,MN\n1,DA001,甲,废气,{}\n1,DA002,乙,废气,{}\n"


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [("M1", "M2", []), ("M2", "M1", []), ("M1", "", []), ("", "M1", []), ("M9", "M1", [2]), ("M9", "M8", [2, 3])],
)
def test_data_loggers_may_change_places_but_not_be_taken(first: str, second: str, refused: list[int]) -> None:
    holders = {"M1": ("1", "DA001"), "M2": ("1", "DA002"), "M9": ("9", "DA001"), "M8": ("8", "DA001")}
    present = StoredRecords({}, {"enterprises": frozenset("1")}, {"mn": holders})
    found = contradictions(reading("outlets", MNS.format(first, second)), present)
    assert [error.row for error in found] == refused


OFFICER = {
    "code": "zhang",
    "name": "张伟",
    "station": "xinan",
    "certified": True,
    "certificate": "4403",
    "on_duty": True,
    "skills": ["gas"],
}


def officers(text: str, stored: dict[str, Any] | None) -> list[RecordChange]:
    records: dict[Key, dict[str, Any]] = {} if stored is None else {("zhang",): stored}
    return changes(reading("officers", text), StoredRecords(records, {}, {}))


def test_a_column_that_is_not_there_leaves_what_is_stored() -> None:
    assert officers("编码,姓名,执法所\nzhang,张伟,xinan\n", OFFICER) == []
    (change,) = officers("编码,姓名,执法所,在岗\nzhang,张伟,shajing,否\n", OFFICER)
    assert change.after == OFFICER | {"station": "shajing", "on_duty": False}


def test_a_blank_cell_states_that_there_is_nothing() -> None:
    (change,) = officers("编码,姓名,执法所,专长,执法证号\nzhang,张伟,xinan,,\n", OFFICER)
    assert change.after == OFFICER | {"skills": [], "certificate": None}


def test_a_new_record_has_the_defaults() -> None:
    (change,) = officers("编码,姓名,执法所\nzhang,张伟,xinan\n", None)
    assert (change.row, change.before) == (2, None)
    assert change.after == OFFICER | {"skills": [], "certificate": None, "phone": None, "channels": []}


def test_an_enterprise_known_from_events_changes_by_being_registered() -> None:
    read_ = reading("enterprises", "编码,名称\n1,某厂\n")
    new = dict(changes(read_, NOTHING)[0].after)
    assert new["source"] == "master"
    assert changes(read_, StoredRecords({("1",): new}, {}, {})) == []
    (change,) = changes(read_, StoredRecords({("1",): new | {"source": "event"}}, {}, {}))
    assert change.after == new


def test_the_digest_is_of_the_file_and_of_all_that_is_stored() -> None:
    kind = KINDS["officers"]
    digests = [
        digest(kind, "a", STATIONS),
        digest(kind, "b", STATIONS),
        digest(KINDS["stations"], "a", STATIONS),
        digest(kind, "a", StoredRecords({("zhang",): OFFICER}, STATIONS.known, {})),
        digest(kind, "a", StoredRecords({("zhang",): OFFICER | {"on_duty": False}}, STATIONS.known, {})),
        digest(kind, "a", StoredRecords({}, {"stations": frozenset({"xinan"})}, {})),
        digest(kind, "a", StoredRecords({}, STATIONS.known, {"mn": {"M1": ("1", "DA001")}})),
    ]
    assert len(set(digests)) == len(digests)
    assert digest(kind, "a", StoredRecords({}, {"stations": frozenset({"shajing", "xinan"})}, {})) == digests[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_template_is_a_sheet_of_its_kind(kind: KindName, form: Format) -> None:
    sheet = read(template(KINDS[kind], form))
    read_ = read_rows(KINDS[kind], sheet)
    assert sheet.headings == tuple(column.zh for column in KINDS[kind].columns)
    assert read_.errors == ()
    assert [draft.row for draft in read_.drafts] == [3]
    assert set(read_.stated) == set(KINDS[kind].model.model_fields)


@pytest.mark.parametrize("kind", KINDS)
def test_no_heading_means_two_columns(kind: KindName) -> None:
    headings = [heading for column in KINDS[kind].columns for heading in column.headings]
    assert len(headings) == len(set(headings))


cells = st.sampled_from(["", "xinan", "zhang", "nowhere", "是", "否", "也许", "gas", "x" * 300])


@given(st.lists(st.tuples(cells, cells, cells, cells), max_size=8), st.booleans())
def test_every_row_is_counted_once(lines: list[tuple[str, ...]], stored: bool) -> None:
    rows = tuple(Row(number, line) for number, line in enumerate(lines, 2))
    read_ = read_rows(KINDS["officers"], Sheet(("编码", "姓名", "执法所", "在岗"), rows))
    present = StoredRecords({("zhang",): OFFICER} if stored else {}, STATIONS.known, {})
    verdict = judge(read_, present, [], file_name=None, file_sha256="", dry_run=True)
    counts = verdict.answer.counts
    assert counts.new + counts.changed + counts.unchanged + counts.refused == len(lines)
    assert min(counts.new, counts.changed, counts.unchanged, counts.refused) >= 0
    assert counts.new + counts.changed == len(verdict.changes) == len(verdict.answer.changes)
    assert bool(counts.refused) == bool(verdict.answer.errors.total)


def test_an_answer_lists_so_many_and_counts_all() -> None:
    text = "编码,名称,辖区\n" + "".join(f"{n},所,1\n" for n in range(SHOWN + 1))
    further = [RowError(row=2, column=None, value=None, zh="甲", en="a")] * (SHOWN + 1)
    answer = judge(reading("stations", text), NOTHING, further, file_name=None, file_sha256="", dry_run=True).answer
    assert (answer.counts.new, len(answer.changes)) == (SHOWN, SHOWN)
    assert (answer.errors.total, len(answer.errors.items), answer.counts.refused) == (SHOWN + 1, SHOWN, 1)
