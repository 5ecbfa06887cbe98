import { de } from './de.ts';
import { en, type Words } from './en.ts';

/** The words of this build's language. Replaced by a constant in a build, so that pages carry one language only. */
export const t: Words = import.meta.env.SITE_LOCALE === 'de' ? de : en;
