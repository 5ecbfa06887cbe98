import { githubClient } from "./shared.js";

export { githubClient };