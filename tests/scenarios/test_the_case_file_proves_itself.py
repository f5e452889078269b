"""The file of a case is whole, reads as a document, and is verified by anybody who has Python and the public key."""

import html
import io
import re
import subprocess
import sys
import zipfile
from base64 import b64decode
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from services.case_file.gathering import gather
from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.settings import Settings
from tests.integration.evidence.device import Device
from tests.scenarios.conftest import STATION
from tests.world import World

FEEDBACK = {
    "findings": "治污设施二级喷淋塔循环泵停运，未开启备用泵；现场采样两份。\n#let x = [不是标记]",
    "measures": "责令立即恢复运行并于三日内提交整改报告",
    "outcome": "rectified",
}
PIXEL = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Roots are signed by our own key, or by a device."""
    changes: dict[str, object] = {"evidence_directory": tmp_path / "evidence"}
    if getattr(request, "param", "Ed25519") == "SM2":
        device = Device(tmp_path / "device")
        changes |= {"evidence_signer_command": device.command, "evidence_signer_key": device.public}
    return settings.model_copy(update=changes)


@pytest.fixture
async def handled(the_world: World, enterprise: Enterprise) -> str:
    """A red case, handled on site by two, with a photograph, a broken picture and a signature, reviewed and closed."""
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    case_id = str(assigned["case_id"])
    apps = [await the_world.app(Role.OFFICER, one["officer"], station=STATION) for one in assigned["team"]]
    for hour, step in ((9, "accept"), (10, "depart"), (11, "arrive")):
        await the_world.at(f"2026-03-02T{hour:02}:00")
        for app in apps:
            (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
            assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    files = {"现场 照片/1.png": PIXEL, "签名（陈志强）.png": PIXEL + b"\x00", "坏图.png": PIXEL[:40]}
    for name, content in files.items():
        sent = await apps[0].post(
            f"/dispatch/v1/cases/{case_id}/attachments", files={"file": (name, content, "image/png")}
        )
        assert sent.is_success, sent.text
    await the_world.at("2026-03-02T15:00")
    assert (await apps[0].post(f"/dispatch/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve", json={"comment": "事实清楚 👍"})).is_success
    await the_world.at("2026-03-02T16:00")
    return case_id


async def bundle_of(the_world: World, handled: str, tmp_path: Path) -> Path:
    """The bundle of the case as the chief takes it, unpacked."""
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    taken = await chief.post(f"/dispatch/v1/cases/{handled}/evidence/bundle", json={"reason": "移送法制审核"})
    assert taken.is_success, taken.text
    with zipfile.ZipFile(io.BytesIO(taken.content)) as archive:
        archive.extractall(tmp_path / "unpacked")
    return tmp_path / "unpacked" / f"case-{handled}"


@pytest.fixture
async def unpacked(the_world: World, handled: str, tmp_path: Path) -> Path:
    """The bundle of the case before anybody tampered."""
    return await bundle_of(the_world, handled, tmp_path)


def verified(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the verifier says, run by a Python that has no library of ours."""
    command = [sys.executable, "-I", "-S", "-B", str(root / "verify.py"), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, env={"PYTHONUTF8": "1"})  # noqa: S603


@pytest.mark.parametrize("settings", ["Ed25519", "SM2"], indirect=True)
async def test_it_is_whole_and_proves_itself(unpacked: Path, request: pytest.FixtureRequest) -> None:
    said = verified(unpacked)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.endswith("✓ 全部相符 · everything holds\n")
    for schema in ("ingest", "dispatch", "watch"):
        assert f"{schema}: " in said.stdout
        assert f"signed root: tricolor/{schema}" in said.stdout
    assert said.stdout.count(f", {request.node.callspec.params['settings']} ") == 3
    page = (unpacked / "case.html").read_text(encoding="utf-8")
    for words in (
        "现场检查（勘察）笔录",
        "循环泵停运",
        "卷内目录",
        "事实清楚 👍",
        "深圳某某电子有限公司",
        "陈志强",
        "未提供定位",
        "✓ 制作本卷时",
    ):
        assert words in page
    paper = (unpacked / "case.pdf").read_bytes()
    assert paper.startswith(b"%PDF-")
    assert b"pdfaid" in paper
    assert "事实清楚 👍" in (unpacked / "records" / "dispatch.jsonl").read_text(encoding="utf-8")
    names = {path.name[3:] for path in (unpacked / "files").iterdir()}
    assert names == {"现场_照片_1.png", "签名（陈志强）.png", "坏图.png"}


async def test_what_the_dispatcher_heard_late_stands_where_it_happened(the_world: World, handled: str) -> None:
    """The clock's events come by another topic than what officers do: one of them may be heard of hours later."""
    async with the_world.services["dispatcher"].database.transaction() as connection:
        await connection.execute(
            text("""
                insert into dispatch.timeline
                       (case_id, enterprise_code, type, state, at, actor_role, actor_subject, detail)
                select case_id, enterprise_code, 'cn.tricolor.deadline.missed.v1', state, at + interval '1 microsecond',
                       'system', 'tricolor', '{}'
                  from dispatch.timeline where case_id = :case order by entry_id limit 1
            """),
            {"case": UUID(handled)},
        )
        case = await gather(connection, UUID(handled))
    instants = [entry["at"] for entry in case.timeline]
    assert instants == sorted(instants)
    assert case.timeline[-1]["type"] != "cn.tricolor.deadline.missed.v1"


async def test_whatever_is_changed_in_it_shows(unpacked: Path, tmp_path: Path) -> None:
    records = unpacked / "records" / "dispatch.jsonl"
    whole = records.read_text(encoding="utf-8")
    lines = whole.splitlines(keepends=True)
    cut = [line for line in lines if '"number":1,' not in line[:200]]
    spoilt = {
        "content-changed": whole.replace(r"\"service\":\"dispatcher", r"\"service\":\"somebody", 1),
        "number": "".join(cut),
        "document-changed": whole.replace("循环泵停运", "循环泵正常", 1),
        "not here": "".join(lines[:3]),
    }
    for expected, changed in spoilt.items():
        records.write_text(changed, encoding="utf-8")
        said = verified(unpacked)
        assert said.returncode == 1
        assert expected in said.stdout, said.stdout
    records.write_text(whole, encoding="utf-8")

    photograph = next((unpacked / "files").glob("*照片*"))
    photograph.write_bytes(PIXEL + b"\x01")
    assert "the file is not the one that was recorded" in verified(unpacked).stdout
    photograph.unlink()
    assert "the file is missing" in verified(unpacked).stdout

    other = tmp_path / "other-keys"
    keys = (unpacked / "public-keys").read_text(encoding="utf-8")
    other.write_text(keys.replace("tricolor/ingest", "tricolor/other"), encoding="utf-8")
    assert verified(unpacked, "--keys", str(other)).returncode == 1


@pytest.mark.parametrize(
    ("statement", "zh"),
    [
        ("update dispatch.evidence set document = 'x' where chain = :chain and number = 3", "被改动"),
        ("delete from dispatch.evidence where chain = :chain and number = 3", "序号不连续"),
        # Only the store as a whole shows this: within the bundle everything fits.
        ("update dispatch.evidence_roots set at = at + interval '5 days'", "倒填"),
        ("update dispatch.attachments set sha256 = reverse(sha256)", "文件已变"),
    ],
    ids=["changed", "deleted", "back-dated", "file"],
)
async def test_cover_and_verifier_say_the_same_in_chinese(
    the_world: World, handled: str, tmp_path: Path, statement: str, zh: str
) -> None:
    async with the_world.services["dispatcher"].database.transaction() as connection:
        for table in ("evidence", "evidence_roots"):
            await connection.execute(text(f"alter table dispatch.{table} disable trigger all"))
        values = {"chain": f"case:{handled}"} if ":chain" in statement else {}
        assert (await connection.execute(text(statement), values)).rowcount
    root = await bundle_of(the_world, handled, tmp_path)
    (seal,) = re.findall(
        r'class="seal bad">✗ 存证核验不符，共 (\d+) 处：([^<]*)<', (root / "case.html").read_text("utf-8")
    )
    said = verified(root)
    assert said.returncode == 1
    listed = [line for line in said.stdout.splitlines() if line.startswith("✗ ")][:-1]
    assert len(listed) == int(seal[0])
    assert any(zh in line for line in listed)
    assert listed[0].startswith(f"✗ {html.unescape(seal[1])} · ")


async def test_the_console_sees_that_it_holds_and_the_enterprise_sees_nothing(
    the_world: World, handled: str, enterprise: Enterprise
) -> None:
    officer = await the_world.app(Role.OFFICER, "xinan-01", station=STATION)
    answer = (await officer.get(f"/dispatch/v1/cases/{handled}/evidence")).json()
    assert answer["passed"] is True
    assert {one["service"] for one in answer["services"]} == {"ingest", "dispatch", "watch"}
    (own,) = (one for one in answer["services"] if one["service"] == "dispatch")
    (head,) = own["heads"]
    assert (head["chain"], head["number"], own["faults"]) == (f"case:{handled}", own["records"], [])

    async with the_world.services["dispatcher"].database.transaction() as connection:
        await connection.execute(text("alter table dispatch.evidence disable trigger all"))
        await connection.execute(
            text("update dispatch.evidence set document = 'x' where chain = :chain and number = 3"),
            {"chain": f"case:{handled}"},
        )
    spoilt = (await officer.get(f"/dispatch/v1/cases/{handled}/evidence")).json()
    assert spoilt["passed"] is False
    (own,) = (one for one in spoilt["services"] if one["service"] == "dispatch")
    assert [(fault["number"], fault["code"]) for fault in own["faults"]] == [(3, "document-changed")]

    others = [
        await the_world.app(Role.ENTERPRISE, enterprise.code),
        await the_world.app(Role.OFFICER, "elsewhere-01", station="elsewhere"),
    ]
    statuses = [(await app.get(f"/dispatch/v1/cases/{handled}/evidence")).status_code for app in others]
    path, why = f"/dispatch/v1/cases/{handled}/evidence/bundle", {"reason": "看看"}
    assert [*statuses, (await officer.post(path, json=why)).status_code] == [403, 404, 403]
    elsewhere = await the_world.app(Role.STATION_CHIEF, "other", station="elsewhere")
    assert (await elsewhere.post(path, json=why)).status_code == 404
