/** What two threads may see of each other, tried a great many times: jcstress tests of the words they share. */
@NullMarked
package io.tidemill.benchmarks.stress;

import org.jspecify.annotations.NullMarked;
