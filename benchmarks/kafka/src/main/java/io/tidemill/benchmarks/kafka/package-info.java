/** Kafka, as {@link io.tidemill.benchmarks.ClusterAgainstKafka} runs it. */
@NullMarked
package io.tidemill.benchmarks.kafka;

import org.jspecify.annotations.NullMarked;
