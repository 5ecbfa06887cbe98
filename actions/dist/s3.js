import { s3Store } from "./shared.js";

export { s3Store };