package io.tidemill.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;

/**
 * What a user can see of a public type names no internal one: its supertypes, and the types of its public and protected
 * fields, constructors and methods, type arguments and bounds included. Internal is a type of ours that is not public or
 * whose package is not part of the API.
 */
final class ExposeOnlyApiTypes extends ArchCondition<JavaClass> {
    private final List<String> apiPackages;

    ExposeOnlyApiTypes(List<String> apiPackages) {
        super("expose only types of the API");
        this.apiPackages = apiPackages;
    }

    @Override
    public void check(JavaClass type, ConditionEvents events) {
        if (!isVisible(type)) {
            return;
        }
        type.getTypeParameters().forEach(parameter -> expose(parameter, type.getDescription(), events));
        type.getSuperclass().ifPresent(supertype -> expose(supertype, type.getDescription(), events));
        type.getInterfaces().forEach(supertype -> expose(supertype, type.getDescription(), events));
        for (JavaField field : type.getFields()) {
            if (isVisible(field)) {
                expose(field.getType(), field.getDescription(), events);
            }
        }
        for (JavaCodeUnit unit : type.getCodeUnits()) {
            if (isVisible(unit)) {
                unit.getTypeParameters().forEach(parameter -> expose(parameter, unit.getDescription(), events));
                unit.getParameterTypes().forEach(parameter -> expose(parameter, unit.getDescription(), events));
                unit.getExceptionTypes().forEach(thrown -> expose(thrown, unit.getDescription(), events));
                expose(unit.getReturnType(), unit.getDescription(), events);
            }
        }
    }

    private void expose(JavaType exposed, String by, ConditionEvents events) {
        for (JavaClass raw : exposed.getAllInvolvedRawTypes()) {
            JavaClass type = raw.getBaseComponentType();
            if (type.getPackageName().startsWith("io.tidemill")
                    && !(isVisible(type) && apiPackages.contains(type.getPackageName()))) {
                events.add(SimpleConditionEvent.violated(type, by + " exposes " + type.getName()));
            }
        }
    }

    private static boolean isVisible(JavaClass type) {
        boolean visible = type.getModifiers().contains(JavaModifier.PUBLIC)
                || type.getModifiers().contains(JavaModifier.PROTECTED);
        return visible
                && type.getEnclosingClass().map(ExposeOnlyApiTypes::isVisible).orElse(true);
    }

    private static boolean isVisible(JavaMember member) {
        return !member.getModifiers().contains(JavaModifier.SYNTHETIC)
                && (member.getModifiers().contains(JavaModifier.PUBLIC)
                        || member.getModifiers().contains(JavaModifier.PROTECTED));
    }
}
