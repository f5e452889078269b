import "./parts.css";

export { AwayBar } from "./AwayBar";
export { CaseLine } from "./CaseLine";
export { ClockFace } from "./ClockFace";
export { Countdown } from "./Countdown";
export { Empty } from "./Empty";
export { LevelTag } from "./LevelTag";
export { Loading } from "./Loading";
export { Person } from "./Person";
export { Failure, NotThere, ProblemNote } from "./ProblemNote";
export { Reason } from "./Reason";
export { StateTag } from "./StateTag";
export { LanguageSwitch, ThemeSwitch } from "./switches";
export { dateText, dayText, dueText, instantText, Time } from "./Time";
export { Toasts, toast } from "./toasts";
export { DayInput, MomentInput } from "./WhenInput";
