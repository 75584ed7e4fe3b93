package io.tidemill.groups.local;

/** Who asks a share group for records, and of which topic. */
public record ShareMember(String group, String memberId, String topic, Presence presence) {}
