import type { Role } from "../words";
import { useSession } from "./session";

/**
 * Whether whoever is signed in may call an operation, whose roles are those of the services' own table:
 * `useMay(scope.exportCase)`. The services refuse the others; the apps do not offer it to them.
 */
export function useMay(roles: readonly Role[]): boolean {
  return may(useSession()?.person.role, roles);
}

export function may(role: string | undefined, roles: readonly Role[]): boolean {
  return roles.some((one) => one === role);
}
