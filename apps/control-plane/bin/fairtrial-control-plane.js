#!/usr/bin/env node
// A file that is there before anything is built, for a checkout's install links it.
await import('../dist/main.js')
