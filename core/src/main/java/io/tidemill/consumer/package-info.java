/** The last station: reading batches up to the committed offset, record by record, on the reader's own thread. */
@NullMarked
package io.tidemill.consumer;

import org.jspecify.annotations.NullMarked;
