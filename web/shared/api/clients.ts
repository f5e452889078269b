/**
 * The generated clients, told where the services are and how to ask them.
 *
 * Import this once, in the entry of an app. Calls are then made with the functions of
 * `generated/ingest`, `generated/dispatcher`, `generated/watch`, and read with `answer`.
 */
import { client as dispatcher } from "./generated/dispatcher/client.gen";
import { client as ingest } from "./generated/ingest/client.gen";
import { client as watch } from "./generated/watch/client.gen";
import { signedFetch } from "./request";

ingest.setConfig({ baseUrl: "/ingest", fetch: signedFetch });
dispatcher.setConfig({ baseUrl: "/dispatch", fetch: signedFetch });
watch.setConfig({ baseUrl: "/watch", fetch: signedFetch });
