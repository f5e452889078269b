import type { SignInAnswer } from "@shared/api/console";

type Way = Extract<SignInAnswer, { mode: "oidc" }>;

/** Go to the identity provider: code flow with PKCE; `to` is where one is led afterwards. */
export async function goThere(way: Way, to: string | undefined): Promise<void> {
  const users = await managerOf(way);
  await users.signinRedirect({ state: to });
}

/** Take what the identity provider sent one back with: the token of the services, and where one wanted to go. */
export async function comeBack(way: Way): Promise<{ token: string; to: string | undefined }> {
  const users = await managerOf(way);
  const user = await users.signinRedirectCallback();
  return { token: user.access_token, to: typeof user.state === "string" ? user.state : undefined };
}

async function managerOf(way: Way) {
  const { UserManager } = await import("oidc-client-ts");
  return new UserManager({
    authority: way.issuer,
    client_id: way.client_id,
    redirect_uri: `${window.location.origin}/sign-in`,
    response_type: "code",
    scope: way.scope,
    extraQueryParams: { audience: way.audience },
    loadUserInfo: false,
    automaticSilentRenew: false,
  });
}
