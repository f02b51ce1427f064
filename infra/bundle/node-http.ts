/**
 * What a function's bundle has for `node:http`, which the SDK imports when an endpoint is plain HTTP (emulators,
 * stubs).
 *
 * An `import` of `node:http` touches every export, and two of them load all of undici: about 30 ms at the first
 * request. `getBuiltinModule` gives the same module without looking at them.
 */
export default process.getBuiltinModule('node:http');
