"""A case is opened and its clock runs: from the alert's issue, by the rule of its kind, once."""

from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.policy import DeadlinePolicy
from shared.contract.cloudevents import Outgoing
from shared.contract.events import CaseKind, CaseType, Level
from shared.time.instants import shown
from tests.integration.deadline_watch.office import ENTERPRISE, STATION, Office, shanghai


async def test_yellow_has_six_hours(office: Office) -> None:
    case = await office.opened()
    (started,) = await office.emitted("deadline.started")
    assert started["due_at"] == "2026-03-02T14:30:00+08:00"
    assert started["started_at"] == "2026-03-02T08:30:00+08:00"
    assert (started["state"], started["kind"], started["level"]) == ("open", "self_report", "yellow")
    assert (started["enterprise_code"], started["station"]) == (ENTERPRISE, STATION)
    assert started["alert_id"] == str(case.alert_id)
    assert list(await office.steps_of(case)) == ["warned-3h", "warned-5h", "missed", "unanswered"]


async def test_red_has_five_working_days_and_keeps_the_arithmetic(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    clock = await office.clock_of(case)
    assert shown(clock["due_at"]) == "2026-03-10T00:00:00+08:00"
    assert clock["due_text"] == "2026-03-09 24:00 (+08:00)"
    assert not clock["provisional"]
    assert clock["policy_version"] == clock["explanation"]["policy_version"] == DeadlinePolicy.load().version
    assert clock["calendar_version"] == clock["explanation"]["calendar_version"] == WorkingCalendar.load().version
    counted = [day["date"] for day in clock["explanation"]["days"] if day["counted"]]
    assert counted == ["2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09"]
    assert list(await office.steps_of(case)) == ["warned-half", "warned-eighty", "warned-last-day", "missed"]


async def test_a_verification_has_the_time_of_a_red_case(office: Office) -> None:
    clock = await office.clock_of(await office.opened(CaseKind.VERIFICATION))
    assert shown(clock["due_at"]) == "2026-03-10T00:00:00+08:00"
    assert clock["level"] == Level.YELLOW


async def test_the_clock_runs_from_the_issue_not_from_the_message(office: Office) -> None:
    clock = await office.clock_of(await office.opened(issued_at=shanghai("2026-03-02T08:00:00.000001")))
    assert shown(clock["due_at"]) == "2026-03-02T14:00:00.000001+08:00"


async def test_a_clock_that_runs_into_an_unpublished_year_is_provisional(office: Office) -> None:
    clock = await office.clock_of(await office.opened(CaseKind.ON_SITE, issued_at=shanghai("2026-12-29T16:20")))
    assert clock["provisional"]
    assert "2027" in clock["explanation"]["provisional_reason"]["zh"]


async def test_told_twice_it_starts_once(office: Office) -> None:
    case = office.case()
    once = office.step(CaseType.OPENED, case)
    await office.receive(once, once, office.step(CaseType.OPENED, case))
    assert await office.names(case) == ["deadline.started"]


async def test_the_station_is_the_one_last_assigned(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE, station=None)
    await office.receive_step(CaseType.ASSIGNED, case, station="shajing")
    await office.receive_step(CaseType.REASSIGNED, case, station=STATION)
    await office.receive(office.step(CaseType.OPENED, case))  # received again, and older
    assert (await office.clock_of(case))["station"] == STATION


async def test_what_does_not_fit_the_contract_is_kept_and_holds_up_nothing(office: Office) -> None:
    good = office.case()
    event = office.step(CaseType.OPENED, office.case())
    bad = Outgoing(
        event_id=event.event_id, topic="cases", key=event.key, value=event.value.replace(b"self_report", b"hearsay")
    )
    await office.receive(bad, office.step(CaseType.OPENED, good))
    (letter,) = await office.letters()
    assert letter["error-code"] == "invalid-event"
    assert "kind" in letter["error-detail"]
    assert await office.names(good) == ["deadline.started"]
