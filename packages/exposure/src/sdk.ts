/** Name and version of this library, as events carry it; a test holds it against the manifest. */
export const SDK = '@fairtrial/exposure/0.0.0'
