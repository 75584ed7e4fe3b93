package io.tidemill.replication.link;

import io.tidemill.replication.secret.Protection;
import java.util.random.RandomGenerator;

/** What is the same for all peers of a broker. */
record LinkHost(
        int brokerId, LinkSettings settings, Protection protection, RandomGenerator random, FrameOutput output) {}
