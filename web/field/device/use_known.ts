import { useLiveQuery } from "dexie-react-hooks";
import { afterTaking, type Standing } from "../acts/acts";
import { isAct, type QueueEntry } from "../queue/entries";
import { isQueued } from "../queue/order";
import { HEARD_AT } from "./database";
import { useDevice } from "./FieldDevice";
import type { KnownAssignment, KnownCase } from "./known";

export interface Known {
  assignments: KnownAssignment[];
  queue: QueueEntry[];
  /** When the assignments were last heard of; null before the first time. */
  heardAt: string | null;
}

/** What is on the device, and every change of it; undefined until it is read. */
export function useKnown(): Known | undefined {
  const { database } = useDevice();
  return useLiveQuery(async () => {
    const [assignments, queue, heard] = await Promise.all([
      database.assignments.toArray(),
      database.queue.toArray(),
      database.remembered.get(HEARD_AT),
    ]);
    return { assignments, queue, heardAt: heard?.value ?? null };
  }, [database]);
}

/** What is known of a case; null where nothing is, undefined until it is read. */
export function useKnownCase(caseId: string | undefined): KnownCase | null | undefined {
  const { database } = useDevice();
  const read = async () => ({
    caseId,
    known: caseId === undefined ? undefined : await database.cases.get(caseId),
  });
  const answer = useLiveQuery(read, [database, caseId]);
  // Until the new one is read, the answer is still that of the case before.
  if (caseId === undefined || answer?.caseId !== caseId) return undefined;
  return answer.known ?? null;
}

/** Where an assignment stands once what waits in the queue has been done. */
export function standingOf(assignment: KnownAssignment, queue: QueueEntry[]): Standing {
  const known = {
    own: assignment.state,
    case: assignment.case_state,
    offSiteFirst: assignment.off_site_first,
  };
  const own = queue.filter(isAct).filter((act) => act.assignmentId === assignment.assignment_id);
  return afterTaking(known, own.filter(isQueued));
}
