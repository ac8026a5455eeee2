// Imports resolve from this folder, so the shared peer code gets this line of Fedify and no other.
export * as fedify from "@fedify/fedify";
export * as vocab from "@fedify/fedify/vocab";
export * as logtape from "@logtape/logtape";
export { Temporal } from "@js-temporal/polyfill";
