import * as z from 'zod';

// Zod compiles a schema when it is first used, which pays for itself after some hundred uses; what is cold has one.
// Imported before everything else: a schema that exists already stays with the compiler.
z.config({ jitless: true });
