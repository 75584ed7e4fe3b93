/** Which partition a record goes to; a key goes where Kafka's default partitioner would send it. */
@NullMarked
package io.tidemill.partitioner;

import org.jspecify.annotations.NullMarked;
