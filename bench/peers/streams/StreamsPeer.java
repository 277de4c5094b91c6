/*
 * Kafka Streams at the core of driftgate's job, for bench_streams.py: it splits messages into
 * manifests, recognises repeats exactly, writes a receipt for each, and keeps the members of each
 * order and each waybill. It does less than driftgate: it validates nothing, and has no rules, no
 * parties, no bills, no transit entries and no closing. So ratios are in its favour.
 *
 *   java -cp CLASSES:LIBS/* StreamsPeer BROKERS INPUT RECEIPTS MANIFESTS STATE_DIR
 *
 * Exactly once (exactly_once_v2), two threads, commits every 200 ms, lz4, RocksDB stores. Prints
 * three marks, each with its clock in seconds, and ends with 0:
 *
 *   begin S    its first record: what the virtual machine and the group need before is not counted
 *   half S     half of the MANIFESTS have gone through all stores; what follows is a warm process
 *   end S      all have, and all that was read is committed, so all receipts are there to see
 */
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Branched;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

public class StreamsPeer {
    static final int PARTITIONS = 4;
    static final byte RECEIPT = 'R', ORDER = 'O', WAYBILL = 'W';
    static final String[] FIELDS = {"messageType", "agentCode", "copNo", "ebpCode", "orderNo",
            "logisticsCode", "logisticsNo", "appTime", "grossWeight"};
    static final int TYPE = 0, AGENT = 1, COP = 2, EBP = 3, ORDER_NO = 4, LOGISTICS = 5,
            WAYBILL_NO = 6, APP_TIME = 7, GROSS = 8, ORIGIN = 9, TEXTS = 10;
    static final int HASH_BYTES = 16;
    static final VarHandle WORD =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    static final JsonFactory JSON = new JsonFactory();

    static final AtomicLong judged = new AtomicLong(), ordered = new AtomicLong(),
            shipped = new AtomicLong();
    static volatile boolean begun;

    /* ---- input ---- */

    /* 128 bits of the document's bytes. */
    static void hash(byte[] b, int from, int to, ByteBuffer out) {
        long x = 0x9e3779b97f4a7c15L ^ (to - from), y = 0xc2b2ae3d27d4eb4fL;
        int i = from;
        for (; i + 8 <= to; i += 8) {
            long w = (long) WORD.get(b, i);
            x = Long.rotateLeft((x ^ w) * 0x87c37b91114253d5L, 31);
            y = Long.rotateLeft((y + w) * 0x4cf5ad432745937fL, 33) ^ x;
        }
        for (; i < to; i++) {
            x = Long.rotateLeft((x ^ b[i]) * 0x87c37b91114253d5L, 31);
            y = Long.rotateLeft((y + b[i]) * 0x4cf5ad432745937fL, 33) ^ x;
        }
        out.putLong(x * 0xff51afd7ed558ccdL).putLong(y ^ x >>> 33);
    }

    /* The object at the parser as a record: its hash, then texts, each with a length in front. */
    static Record<String, byte[]> manifest(JsonParser p, byte[] message, String origin, long time)
            throws IOException {
        int from = (int) p.currentTokenLocation().getByteOffset();
        String[] f = new String[TEXTS];
        while (p.nextToken() != JsonToken.END_OBJECT) {
            String name = p.currentName();
            JsonToken t = p.nextToken();
            if (t.isStructStart()) {
                p.skipChildren();
                continue;
            }
            for (int i = 0; i < FIELDS.length; i++)
                if (FIELDS[i].equals(name))
                    f[i] = p.getText();
        }
        f[ORIGIN] = origin;
        ByteBuffer out = ByteBuffer.allocate(1024);
        hash(message, from, (int) p.currentLocation().getByteOffset(), out);
        for (String text : f) {
            byte[] bytes = utf8(text == null ? "" : text);
            out.put((byte) bytes.length).put(bytes);
        }
        return new Record<>(f[AGENT] + "/" + f[COP], Arrays.copyOf(out.array(), out.position()),
                time);
    }

    /* One record for each manifest of a message. A flatMap() that knows where the message was. */
    static class Split implements Processor<byte[], byte[], String, byte[]> {
        ProcessorContext<String, byte[]> context;

        public void init(ProcessorContext<String, byte[]> c) {
            context = c;
        }

        public void process(Record<byte[], byte[]> r) {
            RecordMetadata at = context.recordMetadata().orElseThrow();
            String origin = at.partition() + "/" + at.offset() + "/";
            int index = 0;
            begun = true;
            try (JsonParser p = JSON.createParser(r.value())) {
                for (JsonToken t = p.nextToken(); t != null; t = p.nextToken())
                    if (t == JsonToken.START_OBJECT)
                        context.forward(manifest(p, r.value(), origin + index++, r.timestamp()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /* ---- accounts ---- */

    static byte[] tagged(byte tag, byte[] bytes) {
        byte[] out = new byte[bytes.length + 1];
        out[0] = tag;
        System.arraycopy(bytes, 0, out, 1, bytes.length);
        return out;
    }

    static byte[] untagged(byte[] v) {
        return Arrays.copyOfRange(v, 1, v.length);
    }

    static byte[] utf8(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    /*
     * One verdict a document. What it knows of a manifest is the version in force: the hash of its
     * content and its app time.
     */
    static class Dedup implements Processor<String, byte[], String, byte[]> {
        ProcessorContext<String, byte[]> context;
        KeyValueStore<String, byte[]> store;

        public void init(ProcessorContext<String, byte[]> c) {
            context = c;
            store = c.getStateStore("manifests");
        }

        public void process(Record<String, byte[]> r) {
            ByteBuffer in = ByteBuffer.wrap(r.value());
            byte[] hash = new byte[HASH_BYTES];
            in.get(hash);
            String[] f = new String[TEXTS];
            for (int i = 0; i < f.length; i++) {
                byte[] text = new byte[in.get() & 0xff];
                in.get(text);
                f[i] = new String(text, StandardCharsets.UTF_8);
            }
            byte[] before = store.get(r.key());
            String verdict = before == null ? "ACCEPTED"
                    : Arrays.equals(before, 0, HASH_BYTES, hash, 0, HASH_BYTES) ? "DUPLICATE"
                    : "CONFLICT";
            context.forward(r.withKey(f[EBP]).withValue(tagged(RECEIPT, receipt(verdict, f))));
            if (before == null) {
                byte[] time = utf8(f[APP_TIME]);
                store.put(r.key(), ByteBuffer.allocate(HASH_BYTES + time.length).put(hash).put(time)
                        .array());
                byte[] told = utf8(r.key() + " " + f[GROSS]);
                context.forward(r.withKey(f[EBP] + "/" + f[ORDER_NO])
                        .withValue(tagged(ORDER, told)));
                context.forward(r.withKey(f[LOGISTICS] + "/" + f[WAYBILL_NO])
                        .withValue(tagged(WAYBILL, told)));
            }
            judged.incrementAndGet();
        }

        static byte[] receipt(String verdict, String[] f) {
            return utf8("{\"verdict\":\"" + verdict + "\",\"messageType\":\"" + f[TYPE]
                    + "\",\"agentCode\":\"" + f[AGENT] + "\",\"copNo\":\"" + f[COP]
                    + "\",\"ebpCode\":\"" + f[EBP] + "\",\"orderNo\":\"" + f[ORDER_NO]
                    + "\",\"logisticsNo\":\"" + f[WAYBILL_NO] + "\",\"eventTime\":\"" + f[APP_TIME]
                    + "\",\"origin\":\"" + f[ORIGIN] + "\"}");
        }
    }

    /* The members of an order or a waybill, one a line, and their weight. */
    static class Members implements Processor<String, byte[], Void, Void> {
        final String name;
        final AtomicLong count;
        KeyValueStore<String, byte[]> store;

        Members(String name, AtomicLong count) {
            this.name = name;
            this.count = count;
        }

        public void init(ProcessorContext<Void, Void> c) {
            store = c.getStateStore(name);
        }

        public void process(Record<String, byte[]> r) {
            byte[] before = store.get(r.key());
            byte[] told = untagged(r.value());
            byte[] now = told;
            if (before != null) {
                now = Arrays.copyOf(before, before.length + 1 + told.length);
                now[before.length] = '\n';
                System.arraycopy(told, 0, now, before.length + 1, told.length);
            }
            store.put(r.key(), now);
            count.incrementAndGet();
        }
    }

    /* ---- topology ---- */

    /* Stores have no cache, as is the default: with commits every 200 ms it costs more CPU. */
    static StreamsBuilder topology(String input, String receipts) {
        StreamsBuilder b = new StreamsBuilder();
        for (String name : new String[] {"manifests", "orders", "waybills"})
            b.addStateStore(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name),
                    Serdes.String(), Serdes.ByteArray()));
        var told = b.stream(input, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
                .process(Split::new, Named.as("split"))
                .repartition(by("by-manifest"))
                .process(Dedup::new, Named.as("dedup"), "manifests")
                .split(Named.as("told-"))
                .branch((k, v) -> v[0] == RECEIPT, Branched.as("receipt"))
                .branch((k, v) -> v[0] == ORDER, Branched.as("order"))
                .branch((k, v) -> v[0] == WAYBILL, Branched.as("waybill"))
                .noDefaultBranch();
        KStream<String, byte[]> out = told.get("told-receipt").mapValues(StreamsPeer::untagged);
        out.to(receipts, Produced.with(Serdes.String(), Serdes.ByteArray()));
        told.get("told-order").repartition(by("by-order"))
                .process(() -> new Members("orders", ordered), Named.as("orders-of"), "orders");
        told.get("told-waybill").repartition(by("by-waybill"))
                .process(() -> new Members("waybills", shipped), Named.as("waybills-of"),
                        "waybills");
        return b;
    }

    static Repartitioned<String, byte[]> by(String name) {
        return Repartitioned.with(Serdes.String(), Serdes.ByteArray()).withName(name)
                .withNumberOfPartitions(PARTITIONS);
    }

    /* ---- run ---- */

    /* Until the stores have taken so many updates of 3 a manifest. */
    static void taken(long updates) throws InterruptedException {
        while (judged.get() + ordered.get() + shipped.get() < updates)
            Thread.sleep(5);
    }

    /* Has the program committed the end of every topic that it reads? */
    static boolean committed(Admin a, String group, List<String> topics)
            throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> ask = new HashMap<>();
        for (String t : topics)
            for (int i = 0; i < PARTITIONS; i++)
                ask.put(new TopicPartition(t, i), OffsetSpec.latest());
        var ends = a.listOffsets(ask).all().get();
        var at = a.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        return ends.entrySet().stream().allMatch(e -> {
            var mine = at.get(e.getKey());
            return e.getValue().offset() == 0
                    || mine != null && mine.offset() >= e.getValue().offset();
        });
    }

    static void mark(String name) {
        System.out.printf("%s %.3f%n", name, System.nanoTime() / 1e9);
    }

    static Properties properties(String[] args) {
        Properties p = new Properties();
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2] + ".streams");
        p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        p.put(StreamsConfig.STATE_DIR_CONFIG, args[4]);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        p.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        /* Larger than the defaults: a tenth less CPU here. */
        p.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 131072);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), 5000);
        return p;
    }

    public static void main(String[] args) throws InterruptedException, ExecutionException {
        long n = Long.parseLong(args[3]);
        String group = args[2] + ".streams";
        KafkaStreams s = new KafkaStreams(topology(args[1], args[2]).build(), properties(args));
        s.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            Runtime.getRuntime().halt(70);
            return null;
        });
        s.start();
        while (!begun)
            Thread.sleep(5);
        mark("begin");
        taken(n * 3 / 2);
        mark("half");
        taken(n * 3);
        try (Admin a = Admin.create(Map.of("bootstrap.servers", args[0]))) {
            while (!committed(a, group, List.of(args[1], internal(group, "by-manifest"),
                    internal(group, "by-order"), internal(group, "by-waybill"))))
                Thread.sleep(20);
        }
        mark("end");
        s.close(Duration.ofSeconds(60));
    }

    static String internal(String group, String name) {
        return group + "-" + name + "-repartition";
    }
}
