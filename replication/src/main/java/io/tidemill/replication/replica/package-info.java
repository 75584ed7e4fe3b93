/** The data of partitions on several brokers: who leads appends and hands on, who follows has the same. */
@NullMarked
package io.tidemill.replication.replica;

import org.jspecify.annotations.NullMarked;
