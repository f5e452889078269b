/**
 * What an officer may do with an assignment now, also where what was done before has not been sent yet. Pure.
 *
 * The server decides by the same table (dispatcher, domain/own_steps.py); here it is only asked which buttons to show.
 */

export type Step = "accept" | "depart" | "arrive";
export type Action = Step | "decline" | "feedback";
export type Offer = Action | "off-site-feedback";

/** The two states that decide: the officer's own, and the case's. */
export interface Standing {
  own: string;
  case: string;
  offSiteFirst: boolean;
}

/** An act that is queued on the device. */
export interface Taken {
  action: Action;
  offSite?: boolean;
}

const ORDER = ["assigned", "accepted", "en_route", "on_site", "reported"];

const STEPS: Record<Step, { from: string[]; to: string }> = {
  accept: { from: ["assigned"], to: "accepted" },
  depart: { from: ["accepted", "returned"], to: "en_route" },
  arrive: { from: ["en_route", "returned"], to: "on_site" },
};

const LEADS: Record<Offer, string[]> = {
  accept: STEPS.accept.from,
  depart: STEPS.depart.from,
  arrive: STEPS.arrive.from,
  decline: ["assigned", "accepted"],
  feedback: ["on_site", "returned"],
  "off-site-feedback": ["accepted"],
};

const OFFERS: Offer[] = ["accept", "decline", "depart", "arrive", "feedback", "off-site-feedback"];

export function isStep(action: string): action is Step {
  return action in STEPS;
}

/** Whether a case is in the state that a step leads to, or beyond it: the colleague was first. */
function isBehind(caseState: string, target: string): boolean {
  const at = ORDER.indexOf(caseState);
  return at >= 0 && at >= ORDER.indexOf(target);
}

export function mayDo(standing: Standing, offer: Offer): boolean {
  const leads = LEADS[offer].includes(standing.case);
  if (offer === "off-site-feedback") return standing.offSiteFirst && leads;
  if (!isStep(offer)) return leads;
  const step = STEPS[offer];
  return step.from.includes(standing.own) && (leads || isBehind(standing.case, step.to));
}

export function offersNow(standing: Standing): Offer[] {
  return OFFERS.filter((offer) => mayDo(standing, offer));
}

/** The one act that the large button is for: the next step, else the report. */
export function nextOffer(standing: Standing): Offer | null {
  const able = offersNow(standing);
  // What was returned for its wording is put right without another visit: the report comes first.
  if (standing.case === "returned") return able.includes("feedback") ? "feedback" : null;
  const order: Offer[] = ["accept", "depart", "arrive", "feedback"];
  return order.find((offer) => able.includes(offer)) ?? null;
}

/** The standing once the queued acts have been taken, in order. */
export function afterTaking(standing: Standing, taken: Taken[]): Standing {
  return taken.reduce(takeOne, standing);
}

function takeOne(standing: Standing, { action }: Taken): Standing {
  if (isStep(action)) {
    const { to } = STEPS[action];
    const moved = LEADS[action].includes(standing.case) ? to : standing.case;
    return { ...standing, own: to, case: moved };
  }
  return action === "decline"
    ? { ...standing, own: "declined", case: "declined" }
    : { ...standing, case: "reported" };
}

/** Whether a step has been taken already, by this officer on another device say: nothing is lost by not taking it. */
export function isTaken(action: string, own: string): boolean {
  if (!isStep(action)) return false;
  const at = ORDER.indexOf(own);
  return at >= 0 && at >= ORDER.indexOf(STEPS[action].to);
}
