import { githubLedger } from "./shared.js";

export { githubLedger };