/**
 * The raw tier: records are encoded in place and read in place, and nothing is allocated per record.
 *
 * <p>It speaks in Agrona's buffers. Where the JVM has no flags for Agrona, open a broker before you touch a class of
 * Agrona's yourself: opening is what gives Agrona the access it needs.
 */
@NullMarked
package io.tidemill.raw;

import org.jspecify.annotations.NullMarked;
