/** What the page may know of the core beside the worker's protocol and the language: the way to reach an engine. */
export { connect } from './worker/client.ts';
