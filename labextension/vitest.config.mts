import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    // One page a worker for all files: a new one for each costs more than the tests. No test leaves anything in it.
    isolate: false,
    include: ['src/**/*.spec.ts'],
    setupFiles: ['./vitest.setup.ts'],
    server: {
      deps: {
        inline: [/@jupyterlab\//, /@jupyter\//, /@microsoft\//, /@lumino\//]
      }
    }
  }
});
