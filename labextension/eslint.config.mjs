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
    extends: [tseslint.configs.recommendedTypeCheckedOnly],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      // Widget factories and drives must be registered synchronously, or
      // restored tabs are lost; what is large (the engine, the language) is
      // loaded later by hand.
      'jupyter/prefer-lazy-imports': 'off',
      // Lumino's signals take a method and its object: connect(this._on, this).
      '@typescript-eslint/unbound-method': 'off',
      // An interface of Lab wants a promise also of what is there at once.
      '@typescript-eslint/require-await': 'off',
      // Y.Text's `toString` is its text; its types do not say so.
      '@typescript-eslint/no-base-to-string': [
        'error',
        { ignoredTypeNames: ['YText', 'Text', 'Error', 'URL', 'RegExp'] }
      ],
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
    // What a test takes apart may be anything.
    files: ['src/**/__tests__/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off'
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
