import { defineConfig, globalIgnores } from 'eslint/config';
import jupyter from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default defineConfig([
  globalIgnores(['lib/', 'node_modules/', 'builder.config.js']),
  tseslint.configs.recommended,
  { plugins: { jupyter } },
  jupyter.configs.recommended,
  prettier,
  {
    files: ['src/**/*.{ts,tsx}'],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      // Widget factories and drives must be registered synchronously, or
      // restored tabs are lost; what is large (the engine, the language) is
      // loaded later by hand.
      'jupyter/prefer-lazy-imports': 'off',
      eqeqeq: 'error',
      curly: ['error', 'all'],
      'prefer-arrow-callback': 'error',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/naming-convention': [
        'error',
        {
          selector: 'interface',
          format: ['PascalCase'],
          custom: { regex: '^I[A-Z]', match: true }
        }
      ]
    }
  },
  {
    // It makes plugins of any tokens and hands on what it is given.
    files: ['src/ui/plugin.ts'],
    rules: {
      'jupyter/plugin-activation-args': 'off',
      'jupyter/plugin-description': 'off'
    }
  }
]);
