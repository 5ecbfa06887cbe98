/// <reference types="astro/client" />

interface ImportMetaEnv {
  readonly SITE_LOCALE: 'en' | 'de';
}
