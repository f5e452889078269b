"""Lists on a terminal of 80 columns, where a Chinese character takes two."""

import pytest
from rich.text import Text

from services.commands.listing import Block, columns, show

LETTER = "01a8c0de-0000-7000-8000-000000000001"


def test_no_line_is_wider_than_the_terminal_and_no_id_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    detail = "企业编码不合规：" + "统一社会信用代码校验位错误，" * 20
    show("死信 · waiting letters", [Block([LETTER, "ingest", "missing-field"], ["a/0/1", detail])], none="")
    lines = capsys.readouterr().out.splitlines()
    assert max(Text(line).cell_len for line in lines) <= 80
    assert lines[1] == f"{LETTER}  ingest  missing-field"
    assert lines[2] == "    a/0/1"
    assert lines[3].startswith("    企业编码不合规")
    assert lines[-1].endswith("…")


def test_what_a_sender_wrote_is_text_and_no_command_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show("letters", [Block(["1"], ["[bold]x[/]\x1b[31m\ny"])], none="")
    assert capsys.readouterr().out.splitlines()[2] == "    [bold]x[/] [31m y"


def test_columns_line_up_whatever_the_script() -> None:
    rows = [block.heading[0] for block in columns([["数据缺失", "2"], ["gap", "11"]])]
    assert rows == ["数据缺失  2", "gap       11"]


def test_an_empty_list_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show("letters", [], none="没有死信待处理 · none waits")
    assert capsys.readouterr().out == "没有死信待处理 · none waits\n"
