import { artifactStore } from "./shared.js";

export { artifactStore };