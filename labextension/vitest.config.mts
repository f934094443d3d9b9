import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'jsdom',
    include: ['src/**/*.spec.ts'],
    setupFiles: ['./vitest.setup.ts'],
    server: {
      deps: {
        inline: [/@jupyterlab\//, /@jupyter\//, /@microsoft\//, /@lumino\//]
      }
    }
  }
});
