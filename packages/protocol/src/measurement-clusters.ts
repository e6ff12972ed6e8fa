/** Units hash to so many analysis clusters, by a salt of their own: what one unit does stays in one of them. */
export const MEASUREMENT_CLUSTERS = 256
