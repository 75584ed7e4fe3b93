package io.tidemill.groups.jdbc;

import io.tidemill.TopicPartition;
import io.tidemill.groups.OffsetOwner;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is said to the database, in words that H2, PostgreSQL, MySQL and SQLite understand alike. The caller's maps are sorted:
 * whoever locks rows does so in one order, or two members could wait for each other.
 */
final class OffsetsTable {
    /** Names are not quoted, because databases quote differently; 63 is the least of their limits. */
    private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]{0,62}\\.)?[A-Za-z_][A-Za-z0-9_]{0,62}");

    private final String name;

    /**
     * A partition's row.
     *
     * @param nextOffset null until the first position is saved
     */
    record Row(UUID topicId, @Nullable Long nextOffset, int ownerEpoch, String ownerMember) {
        boolean isOf(OffsetOwner owner, UUID id) {
            return isOf(owner) && topicId.equals(id);
        }

        private boolean isOf(OffsetOwner owner) {
            return ownerEpoch == owner.epoch() && ownerMember.equals(owner.memberId());
        }

        /** As {@link #claim} decides it. */
        boolean isClaimableBy(OffsetOwner owner) {
            return ownerEpoch < owner.epoch() || isOf(owner);
        }
    }

    OffsetsTable(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("table must be an SQL identifier of letters, digits and underscores,"
                    + " or two with a dot between: table=" + name);
        }
        this.name = name;
    }

    String ddl() {
        return "CREATE TABLE IF NOT EXISTS " + name + " ("
                + "group_name VARCHAR(255) NOT NULL, "
                + "topic VARCHAR(249) NOT NULL, "
                + "partition_number INTEGER NOT NULL, "
                + "topic_id VARCHAR(36) NOT NULL, "
                + "next_offset BIGINT, "
                + "owner_epoch INTEGER NOT NULL, "
                + "owner_member VARCHAR(255) NOT NULL, "
                + "PRIMARY KEY (group_name, topic, partition_number))";
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(ddl());
        }
    }

    /** Makes those rows the owner's that there are and may be. Waits for whoever is about to commit a position. */
    void claim(Connection connection, OffsetOwner owner, SortedMap<TopicPartition, UUID> partitions)
            throws SQLException {
        // MySQL computes from left to right, so the position looks at the topic's id before that is set.
        String sql = "UPDATE " + name
                + " SET next_offset = CASE WHEN topic_id = ? THEN next_offset ELSE NULL END,"
                + " topic_id = ?, owner_epoch = ?, owner_member = ?"
                + " WHERE group_name = ? AND topic = ? AND partition_number = ?"
                + " AND (owner_epoch < ? OR (owner_epoch = ? AND owner_member = ?))";
        try (PreparedStatement claim = connection.prepareStatement(sql)) {
            for (Map.Entry<TopicPartition, UUID> wanted : partitions.entrySet()) {
                String topicId = wanted.getValue().toString();
                claim.setString(1, topicId);
                claim.setString(2, topicId);
                claim.setInt(3, owner.epoch());
                claim.setString(4, owner.memberId());
                bindKey(claim, 5, owner, wanted.getKey());
                claim.setInt(8, owner.epoch());
                claim.setInt(9, owner.epoch());
                claim.setString(10, owner.memberId());
                claim.addBatch();
            }
            claim.executeBatch();
        }
    }

    /** All rows of a group. */
    Map<TopicPartition, Row> rows(Connection connection, String group) throws SQLException {
        String sql = "SELECT topic, partition_number, topic_id, next_offset, owner_epoch, owner_member FROM " + name
                + " WHERE group_name = ?";
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, group);
            Map<TopicPartition, Row> rows = new HashMap<>();
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    rows.put(new TopicPartition(found.getString(1), found.getInt(2)), row(found));
                }
            }
            return rows;
        }
    }

    private static Row row(ResultSet found) throws SQLException {
        long position = found.getLong(4);
        Long nextOffset = found.wasNull() ? null : position;
        return new Row(UUID.fromString(found.getString(3)), nextOffset, found.getInt(5), found.getString(6));
    }

    /** Adds rows without a position. */
    void insert(Connection connection, OffsetOwner owner, SortedMap<TopicPartition, UUID> partitions)
            throws SQLException {
        String sql = "INSERT INTO " + name
                + " (group_name, topic, partition_number, topic_id, owner_epoch, owner_member)"
                + " VALUES (?, ?, ?, ?, ?, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (Map.Entry<TopicPartition, UUID> missing : partitions.entrySet()) {
                bindKey(insert, 1, owner, missing.getKey());
                insert.setString(4, missing.getValue().toString());
                insert.setInt(5, owner.epoch());
                insert.setString(6, owner.memberId());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /**
     * Saves in those rows that are the owner's.
     *
     * @return how many rows were found for each partition, in their order
     */
    int[] save(Connection connection, OffsetOwner owner, SortedMap<TopicPartition, Long> nextOffsets)
            throws SQLException {
        String sql = "UPDATE " + name + " SET next_offset = ?"
                + " WHERE group_name = ? AND topic = ? AND partition_number = ?"
                + " AND owner_epoch = ? AND owner_member = ?";
        try (PreparedStatement save = connection.prepareStatement(sql)) {
            for (Map.Entry<TopicPartition, Long> read : nextOffsets.entrySet()) {
                save.setLong(1, read.getValue());
                bindKey(save, 2, owner, read.getKey());
                save.setInt(5, owner.epoch());
                save.setString(6, owner.memberId());
                save.addBatch();
            }
            return save.executeBatch();
        }
    }

    void delete(Connection connection, String group) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM " + name + " WHERE group_name = ?")) {
            delete.setString(1, group);
            delete.executeUpdate();
        }
    }

    private static void bindKey(PreparedStatement statement, int first, OffsetOwner owner, TopicPartition partition)
            throws SQLException {
        statement.setString(first, owner.group());
        statement.setString(first + 1, partition.topic());
        statement.setInt(first + 2, partition.partition());
    }

    @Override
    public String toString() {
        return name;
    }
}
