// The text is in test-system.mjs, which a Node that knows no TypeScript can run as well.
import './test-system.mjs'
