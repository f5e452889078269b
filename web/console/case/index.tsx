import { isProblem } from "@shared/api/problem";
import { Loading, NotThere, ProblemNote } from "@shared/parts";
import { useParams } from "@tanstack/react-router";
import { CasePage } from "./CasePage";
import { useCase } from "./queries";

/** One case on one page. */
export function Screen() {
  const { caseId } = useParams({ from: "/shell/cases/$caseId" });
  const found = useCase(caseId);
  if (isProblem(found.error) && (found.error.status === 404 || found.error.status === 422))
    return <NotThere />;
  if (found.data === undefined)
    return found.error === null ? (
      <Loading lines={12} />
    ) : (
      <ProblemNote problem={found.error} again={() => void found.refetch()} />
    );
  return (
    <>
      {found.error !== null && <ProblemNote problem={found.error} again={() => void found.refetch()} />}
      <CasePage key={caseId} found={found.data} />
    </>
  );
}
