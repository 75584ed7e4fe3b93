/**
 * Tidemill: Kafka's model of event streams — topics, partitions, offsets, consumers — inside the JVM.
 *
 * <p>Start at {@link io.tidemill.Broker}.
 */
@NullMarked
package io.tidemill;

import org.jspecify.annotations.NullMarked;
